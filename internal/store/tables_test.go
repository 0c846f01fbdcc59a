package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A package reaches the tables that testdata/tables.txt says, and no others: the methods of
// a transaction are grouped by files, one a noun.
func TestWhoUsesWhichTables(t *testing.T) {
	of := map[string]string{} // the file of a method
	eachFile(t, ".", func(path string, f *ast.File) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() {
				continue
			}
			if star, ok := fn.Recv.List[0].Type.(*ast.StarExpr); ok {
				if name, ok := star.X.(*ast.Ident); ok && name.Name == "Tx" {
					of[fn.Name.Name] = strings.TrimSuffix(filepath.Base(path), ".go")
				}
			}
		}
	})
	used := map[string]bool{}
	for _, root := range []string{"../../credits", "../../internal", "../../client", "../../cmd"} {
		eachFile(t, root, func(path string, f *ast.File) {
			from, err := filepath.Rel("../..", filepath.Dir(path))
			if err != nil {
				t.Fatal(err)
			}
			if from = filepath.ToSlash(strings.TrimPrefix(from, "internal"+string(filepath.Separator))); from == "store" {
				return
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if on, ok := call.X.(*ast.Ident); ok && on.Name == "tx" && of[call.Sel.Name] != "" {
					used[of[call.Sel.Name]+" "+from] = true
				}
				return true
			})
		})
	}
	text, err := os.ReadFile("testdata/tables.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		noun, packages, _ := strings.Cut(line, ":")
		for _, p := range strings.Fields(packages) {
			listed[noun+" "+p] = true
		}
	}
	for pair := range used {
		if !listed[pair] {
			t.Errorf("%s: the package reaches tables that are not listed as its own in testdata/tables.txt", pair)
		}
	}
	for pair := range listed {
		if !used[pair] {
			t.Errorf("%s is listed in testdata/tables.txt, and not used", pair)
		}
	}
	if len(of) < 200 || len(used) < 50 {
		t.Errorf("%d methods, %d uses: the test sees too little", len(of), len(used))
	}
}

// eachFile parses the Go files below a folder that are not tests.
func eachFile(t *testing.T, root string, fn func(path string, f *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || slices.Contains(strings.Split(path, string(filepath.Separator)), "testdata") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			fn(path, f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
