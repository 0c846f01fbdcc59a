package contactfile

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// numberStyle is how the cells of a style show a number, as far as it changes what the
// number says.
type numberStyle struct {
	date   bool
	digits int // at least so many, with zeros in front; 0: as many as it has
}

// readStyles reads the number formats of a workbook's cells.
func (w *workbook) readStyles(part string) error {
	var sheet struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.decode(part, &sheet); err != nil {
		return err
	}
	codes := map[int]numberStyle{}
	for _, f := range sheet.Formats {
		codes[f.ID] = styleOf(f.Code)
	}
	for _, c := range sheet.Cells {
		style, own := codes[c.Format]
		if !own {
			style.date = builtInDate(c.Format)
		}
		w.styles = append(w.styles, style)
	}
	return nil
}

// builtInDate tells the numbers of formats that are dates in every workbook, those of
// East Asian versions included.
func builtInDate(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id == 57 || id == 58
}

// styleOf understands a format code. What counts is its first section, without quoted
// text, colors and conditions: a day or a year makes it a date, and zeros alone are the
// digits of a number such as 000-000-0000.
func styleOf(code string) (style numberStyle) {
	code, _, _ = strings.Cut(code, ";")
	quoted, bracket, zeros, others := false, false, 0, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == 'y' || c == 'Y' || c == 'd' || c == 'D':
			style.date = true
		case c == '0':
			zeros++
		case c == '.' || c == '%' || c == 'E' || c == 'e' || c == '@' || c == '#' || c == ',':
			others = true
		}
	}
	if !others && zeros > 1 && zeros <= 20 && !style.date {
		style.digits = zeros
	}
	return style
}

// lastDay is the last day that Excel has: in 9999.
const lastDay = 2958466

// number is what a cell with a number says: a date as YYYY-MM-DD, and every digit of
// another number, whatever the column's width shows of it.
func (w *workbook) number(value string, style int) string {
	value = strings.TrimSpace(value)
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return value
	}
	var how numberStyle
	if style >= 0 && style < len(w.styles) {
		how = w.styles[style]
	}
	if how.date && n >= 1 && n < lastDay {
		return w.date(n)
	}
	if len(value) < 2 || strings.Trim(value, "0123456789") != "" {
		value = strconv.FormatFloat(n, 'f', -1, 64)
	}
	if len(value) < how.digits && strings.Trim(value, "0123456789") == "" {
		value = strings.Repeat("0", how.digits-len(value)) + value
	}
	return value
}

func (w *workbook) date(n float64) string {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if w.from1904 {
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	days, part := math.Modf(n)
	at := first.AddDate(0, 0, int(days)).Add(time.Duration(math.Round(part*24*60*60)) * time.Second)
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}
