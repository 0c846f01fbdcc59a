package server_test

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Everything that is built into the product may be passed on with it: each module's license is one
// of the permissive ones, by its own text.
func TestLicenses(t *testing.T) {
	permissive := map[string]string{
		"MIT":          "permission is hereby granted, free of charge, to any person obtaining a copy",
		"BSD":          "redistribution and use in source and binary forms, with or without modification",
		"Apache-2.0":   "apache license version 2.0",
		"ISC":          "permission to use, copy, modify, and/or distribute this software for any purpose",
		"ISC, shorter": "permission to use, copy, modify, and distribute this software for any purpose",
		"CC0":          "cc0 1.0 universal",
	}
	out, err := exec.Command("go", "list", "-deps", "-json=Module", "../../cmd/leadmeter").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]string{} // to their folders
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Module *struct {
				Path, Dir string
				Main      bool
			}
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && !p.Module.Main {
			modules[p.Module.Path] = p.Module.Dir
		}
	}
	if len(modules) < 10 {
		t.Fatalf("only %d modules are built in", len(modules))
	}
	for path, dir := range modules {
		files, _ := filepath.Glob(filepath.Join(dir, "[LlCc][IiOo][CcPp][EeYy]*"))
		known := false
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			plain := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(string(text), ",\n", ", ")), " "))
			for _, words := range permissive {
				known = known || strings.Contains(plain, words)
			}
		}
		if !known {
			t.Errorf("%s has no license that is known as permissive, in %v: read it, and add it here or take the module out", path, files)
		}
	}
}
