// Extensionzip packs the browser extension for the stores:
//
//	go run ./internal/extensionzip
//
// It writes dist/leadmeter-extension-{chrome,firefox}-VERSION.zip, the same bytes
// from the same files.
package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// manifests are the browsers' own; each becomes manifest.json in its package.
var manifests = map[string]string{"chrome": "manifest.json", "firefox": "manifest.firefox.json"}

func main() {
	from := flag.String("from", "extension", "the extension's directory")
	out := flag.String("out", "dist", "where to write the packages")
	flag.Parse()
	for browser, manifest := range manifests {
		if err := pack(os.DirFS(*from), *out, browser, manifest); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// pack writes one browser's package.
func pack(files fs.FS, out, browser, manifest string) (err error) {
	text, err := fs.ReadFile(files, manifest)
	if err != nil {
		return err
	}
	var about struct{ Version string }
	if err := json.Unmarshal(text, &about); err != nil || about.Version == "" {
		return fmt.Errorf("%s names no version: %w", manifest, err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	name := filepath.Join(out, "leadmeter-extension-"+browser+"-"+about.Version+".zip")
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	z := zip.NewWriter(file)
	if err := add(z, "manifest.json", text); err != nil {
		return err
	}
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path == "test":
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(path, "manifest"):
			return nil
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		return add(z, path, text)
	})
	if err != nil {
		return err
	}
	fmt.Println(name)
	return z.Close()
}

func add(z *zip.Writer, path string, text []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
