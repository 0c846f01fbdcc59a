package find

import (
	"strconv"
	"strings"
)

// Sizes are the ranges of employees that companies are told by, from the smallest.
var Sizes = []string{"1-10", "11-50", "51-200", "201-500", "501-1000", "1001-5000", "5001-10000", "10001+"}

var sizeEnds = []int{10, 50, 200, 500, 1000, 5000, 10000}

var thousands = strings.NewReplacer(",", "", ".", "", "'", "", "’", "", "\u00a0", "")

// Size is the range that a company's size is in, however a source wrote it: "51–200 employees",
// "1,001-5,000", "120", "10k+". Of a range that is none of ours its middle counts. Empty: it says
// no number.
func Size(raw string) string {
	var numbers []int
	if raw == "" {
		return ""
	}
	text := thousands.Replace(strings.ToLower(raw))
	for at := 0; at < len(text) && len(numbers) < 2; at++ {
		end := at
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		if end == at {
			continue
		}
		n, err := strconv.Atoi(text[at:end])
		if err != nil || n > 100_000_000 {
			return ""
		}
		if strings.HasPrefix(text[end:], "k") {
			n *= 1000
		}
		numbers = append(numbers, n)
		at = end
	}
	if len(numbers) == 0 {
		return ""
	}
	n := numbers[0]
	if len(numbers) == 2 && numbers[1] > n {
		n += (numbers[1] - n) / 2
	} else if strings.HasSuffix(strings.TrimSpace(text), "+") {
		n++
	}
	for at, end := range sizeEnds {
		if n <= end {
			return Sizes[at]
		}
	}
	return Sizes[len(Sizes)-1]
}
