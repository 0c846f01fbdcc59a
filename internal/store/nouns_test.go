package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A package names the nouns that testdata/nouns.txt says, and no others. Its tests may name
// any.
func TestWhoUsesWhichNouns(t *testing.T) {
	nouns := nounsOf(t)
	text, err := os.ReadFile("testdata/nouns.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		from, list, _ := strings.Cut(strings.TrimSpace(line), ":")
		for _, noun := range strings.Fields(list) {
			if !strings.HasPrefix(line, "#") {
				listed[from+" "+noun] = true
			}
		}
	}
	used := usesOf(t, nouns)
	for use, at := range used {
		if !listed[use] {
			t.Errorf("%s: %s is not listed in testdata/nouns.txt: those tables are another package's business", at, use)
		}
	}
	for use := range listed {
		if used[use] == "" {
			t.Errorf("%s is listed in testdata/nouns.txt, and not used", use)
		}
	}
}

// usesOf is where packages name a noun, as "package Noun": by a call tx.Noun(), whatever the
// transaction is called, or by its type. A call of another thing's method of that name
// counts too; there is none that takes no arguments.
func usesOf(t *testing.T, nouns map[string]bool) map[string]string {
	used := map[string]string{}
	for _, root := range []string{"../../credits", "../../internal", "../../client", "../../cmd"} {
		eachFile(t, root, func(path string, f *ast.File) {
			from := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../../")
			if from == "internal/store" {
				return
			}
			ast.Inspect(f, func(n ast.Node) bool {
				noun := ""
				switch n := n.(type) {
				case *ast.CallExpr:
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 0 {
						noun = s.Sel.Name
					}
				case *ast.SelectorExpr:
					if of, ok := n.X.(*ast.Ident); ok && of.Name == "store" {
						noun = n.Sel.Name
					}
				}
				if nouns[noun] {
					used[from+" "+noun] = path
				}
				return true
			})
		})
	}
	return used
}

// nounsOf are the nouns. It fails where a transaction does more than to lead to them, or a
// noun leads to another or to the transaction.
func nounsOf(t *testing.T) map[string]bool {
	reached, shapes := map[string]bool{}, map[string]bool{}
	eachFile(t, ".", func(path string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.TypeSpec); ok {
				if st, ok := s.Type.(*ast.StructType); ok && len(st.Fields.List) == 1 && len(st.Fields.List[0].Names) == 0 && named(st.Fields.List[0].Type) == "transaction" {
					shapes[s.Name.Name] = true
				}
			}
			return true
		})
	})
	eachFile(t, ".", func(path string, f *ast.File) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() {
				continue
			}
			on, result := named(fn.Recv.List[0].Type), ""
			if fn.Type.Results != nil {
				result = named(fn.Type.Results.List[0].Type)
			}
			switch {
			case on == "Tx" && shapes[result] && result == fn.Name.Name:
				reached[result] = true
			case on == "Tx" && fn.Name.Name != "Context", on == "transaction":
				t.Errorf("%s: %s belongs to a noun", path, fn.Name.Name)
			case shapes[on] && (shapes[result] || result == "Tx"):
				t.Errorf("%s: %s.%s leads to %s", path, on, fn.Name.Name, result)
			}
		}
	})
	if !maps.Equal(reached, shapes) || len(reached) < 20 {
		t.Errorf("a transaction leads to %d of %d nouns", len(reached), len(shapes))
	}
	return reached
}

// named is the name of a type, or of what it points to.
func named(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if name, ok := e.(*ast.Ident); ok {
		return name.Name
	}
	return ""
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
