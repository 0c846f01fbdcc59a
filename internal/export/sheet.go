package export

import (
	"context"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// SheetType is the media type of an Excel workbook, CardType that of vCards.
const (
	SheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	CardType  = "text/vcard; charset=utf-8"
)

// Sheet writes the leads that a filter chooses as an Excel workbook. Every cell is
// a text, so that nothing is a formula and no number loses its plus. Nothing is
// written to w before all of it is there.
func (e *Export) Sheet(ctx context.Context, s *account.Scope, f store.LeadFilter, w io.Writer) (err error) {
	return writeSheet(w, func(write Row) error { return e.Leads(ctx, s, f, write) })
}

func writeSheet(w io.Writer, rows func(write Row) error) (err error) {
	book := excelize.NewFile()
	defer func() {
		if e := book.Close(); err == nil {
			err = e
		}
	}()
	const name = "Leads"
	if err := book.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	out, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := out.SetColWidth(1, len(leadColumns), 22); err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	row := 0
	err = rows(func(cells []string) error {
		row++
		values := make([]any, len(cells))
		for n, c := range cells {
			values[n] = clip(c)
			if row == 1 {
				values[n] = excelize.Cell{StyleID: bold, Value: c}
			}
		}
		at, err := excelize.CoordinatesToCellName(1, row)
		if err != nil {
			return err
		}
		return out.SetRow(at, values)
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

// clip keeps a text within what a cell of Excel holds.
func clip(s string) string {
	if r := []rune(s); len(r) > excelize.TotalCellChars {
		return string(r[:excelize.TotalCellChars])
	}
	return s
}
