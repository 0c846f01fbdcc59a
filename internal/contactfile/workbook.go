package contactfile

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of Excel workbooks.
const (
	MaxWorkbook   = 32 << 20 // bytes as it is sent
	maxPart       = 8 << 20  // bytes of a part that is read at once, unpacked
	maxStrings    = 64 << 20 // bytes of the texts that cells share
	maxParts      = 10_000
	maxSheets     = 100
	maxSheetRows  = 1 << 20 // as Excel has them
	maxTokenBytes = 1 << 20 // bytes between two tags
	maxDepth      = 64      // tags within tags
)

// maxUnpacked bounds the bytes of all parts that are read.
var maxUnpacked int64 = 512 << 20

// workbook is an opened .xlsx file.
//
// The library that writes workbooks here is not used to read them: it holds a row of
// any number of cells in memory, shows numbers as their columns' width has them
// (4.91512E+12 for a phone number), and gives no formula while it reads in a stream.
type workbook struct {
	parts    map[string]*zip.File
	unpacked int64 // bytes that may still be read
	sheets   []worksheet
	texts    []string // that cells share
	size     int      // of texts, in bytes
	styles   []numberStyle
	from1904 bool // its days are counted from 1904
}

// worksheet is a sheet's name and the part that it is in.
type worksheet struct{ name, part string }

// legacy is how workbooks before 2007 begin, and those with a password.
const legacy = "\xd0\xcf\x11\xe0"

var (
	errLegacy    = formatError("the file is a workbook of an old version of Excel, or has a password; save it as .xlsx without one, or as CSV UTF-8")
	errNoBook    = formatError("the file is not an Excel workbook, or it is incomplete; save it as .xlsx again, or as CSV UTF-8")
	errUnpacked  = formatError("the workbook has more than 512 MiB of content; save the sheet as CSV UTF-8")
	errTooMuch   = formatError("the workbook has too much in one part; save the sheet as CSV UTF-8")
	errArchive   = formatError("the file is a workbook or an archive and not text; send a workbook with the ending .xlsx or the content type %s", WorkbookType)
	errBookLarge = formatError("the workbook is larger than 32 MiB; save the sheet as CSV UTF-8")
)

// openWorkbook reads a workbook's list of sheets, its styles and shared texts.
func openWorkbook(r io.Reader) (*workbook, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxWorkbook+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > MaxWorkbook:
		return nil, errBookLarge
	case bytes.HasPrefix(content, []byte(legacy)):
		return nil, errLegacy
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || len(archive.File) > maxParts {
		return nil, errNoBook
	}
	w := &workbook{parts: make(map[string]*zip.File, len(archive.File)), unpacked: maxUnpacked}
	for _, f := range archive.File {
		w.parts[partName(f.Name)] = f
	}
	return w, w.read()
}

func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// read reads what the sheets refer to.
func (w *workbook) read() error {
	root := "xl/workbook.xml"
	for _, r := range w.relations("") {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			root = partName(r.Target)
		}
	}
	var book struct {
		Properties struct {
			From1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := w.decode(root, &book); err != nil {
		return err
	}
	w.from1904 = book.Properties.From1904 == "1" || book.Properties.From1904 == "true"
	relations := w.relations(root)
	var hidden []worksheet
	for _, s := range book.Sheets[:min(len(book.Sheets), maxSheets)] {
		for _, r := range relations {
			of := slices.ContainsFunc(s.Attrs, func(a xml.Attr) bool { return a.Name.Local == "id" && a.Value == r.ID })
			switch {
			case !of || !strings.HasSuffix(r.Type, "/worksheet"):
			case s.State == "" || s.State == "visible":
				w.sheets = append(w.sheets, worksheet{s.Name, within(root, r.Target)})
			default:
				hidden = append(hidden, worksheet{s.Name, within(root, r.Target)})
			}
		}
	}
	w.sheets = append(w.sheets, hidden...)
	for _, r := range relations {
		var err error
		switch {
		case strings.HasSuffix(r.Type, "/styles"):
			err = w.readStyles(within(root, r.Target))
		case strings.HasSuffix(r.Type, "/sharedStrings"):
			err = w.readTexts(within(root, r.Target))
		}
		if err != nil {
			return err
		}
	}
	if len(w.sheets) == 0 {
		return errNoBook
	}
	return nil
}

type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// relations are those of a part; none where it has no list of them.
func (w *workbook) relations(part string) []relation {
	dir, file := path.Split(part)
	var list struct {
		Relations []relation `xml:"Relationship"`
	}
	if w.decode(dir+"_rels/"+file+".rels", &list) != nil {
		return nil
	}
	return list.Relations[:min(len(list.Relations), maxParts)]
}

// within is a target beside the part that names it.
func within(part, target string) string {
	if strings.HasPrefix(target, "/") {
		return partName(target)
	}
	return partName(path.Join(path.Dir(part), target))
}

// open opens a part, whose bytes count.
func (w *workbook) open(part string) (io.ReadCloser, error) {
	f := w.parts[part]
	if f == nil {
		return nil, errNoBook
	}
	r, err := f.Open()
	if err != nil {
		return nil, errNoBook
	}
	return &counted{r, &w.unpacked}, nil
}

// counted ends a part when the workbook has brought more than it may.
type counted struct {
	io.ReadCloser
	left *int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if *c.left -= int64(n); *c.left < 0 {
		return 0, errUnpacked
	}
	return n, err
}

// decode reads a small part at once.
func (w *workbook) decode(part string, into any) error {
	r, err := w.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxPart+1))
	if len(content) > maxPart {
		return errTooMuch
	}
	if err != nil || xml.Unmarshal(content, into) != nil {
		return spoiled(err)
	}
	return nil
}

// spoiled is why a part cannot be read.
func spoiled(err error) error {
	var format *FormatError
	if errors.As(err, &format) {
		return format
	}
	return errNoBook
}

// readTexts reads the texts that cells share. Those beyond the longest cell are cut
// there, so that the row that has one is rejected and no other.
func (w *workbook) readTexts(part string) error {
	r, err := w.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	t := newTags(r)
	for {
		tag, err := t.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return spoiled(err)
		}
		if start, ok := tag.(xml.StartElement); !ok || start.Name.Local != "si" {
			continue
		}
		text, err := t.text()
		if err != nil {
			return spoiled(err)
		}
		const each = 32 // what a text costs beside its bytes
		if w.size += len(text) + each; w.size > maxStrings {
			return errTooMuch
		}
		w.texts = append(w.texts, text)
	}
}

// tags reads XML within bounds.
type tags struct {
	decoder *xml.Decoder
	src     io.Reader
	since   int // bytes since the last tag
	depth   int
}

func newTags(r io.Reader) *tags {
	t := &tags{src: r}
	t.decoder = xml.NewDecoder(t)
	return t
}

func (t *tags) Read(p []byte) (int, error) {
	n, err := t.src.Read(p)
	if t.since += n; t.since > maxTokenBytes {
		return 0, errTooMuch
	}
	return n, err
}

// next is the next tag or text.
func (t *tags) next() (xml.Token, error) {
	t.since = 0
	token, err := t.decoder.Token()
	switch token.(type) {
	case xml.StartElement:
		if t.depth++; t.depth > maxDepth {
			return nil, errTooMuch
		}
	case xml.EndElement:
		t.depth--
	}
	return token, err
}

// text is the text of the element that began last, to its end: of all its runs, and
// without how it is read aloud.
func (t *tags) text() (string, error) {
	var text strings.Builder
	depth, quiet, in := t.depth, 0, 0 // in: the depth within a t
	for t.depth >= depth {
		tag, err := t.next()
		if err != nil {
			return "", err
		}
		switch tag := tag.(type) {
		case xml.StartElement:
			switch {
			case tag.Name.Local == "rPh" && quiet == 0:
				quiet = t.depth
			case tag.Name.Local == "t":
				in = t.depth
			}
		case xml.EndElement:
			if t.depth < quiet {
				quiet = 0
			}
			if t.depth < in {
				in = 0
			}
		case xml.CharData:
			if quiet == 0 && in != 0 {
				text.Write(tag[:min(len(tag), max(0, maxCell+1-text.Len()))])
			}
		}
	}
	return plainText(text.String()), nil
}

// coded are characters that XML cannot have, as workbooks write them: _x000D_.
var coded = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func plainText(s string) string {
	s = strings.ToValidUTF8(s, "")
	if !strings.Contains(s, "_x") {
		return s
	}
	return coded.ReplaceAllStringFunc(s, func(code string) string {
		n, err := strconv.ParseUint(code[2:6], 16, 16)
		if err != nil || n == 0 {
			return ""
		}
		return fmt.Sprintf("%c", rune(n))
	})
}
