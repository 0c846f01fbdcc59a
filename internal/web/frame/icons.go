package frame

import "strconv"

// icons are the outlines, on a square of 16.
var icons = map[string]string{
	"leads":     "M2 3.5h12v9H2zM2 6.5h12M6 6.5v6",
	"people":    "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6L14 14",
	"mail":      "M2 3.5h12v9H2zM2 4.5l6 4.5 6-4.5",
	"desk":      "M4 2.5h8v11H4zM6 5h4M6 7.5h.1M8 7.5h.1M10 7.5h.1M6 10h.1M8 10h.1M10 10h.1",
	"mobile":    "M5 2h6v12H5zM7.5 12h1",
	"home":      "M2.5 8L8 3l5.5 5M4 7v6h8V7",
	"capture":   "M8 3v10M3 8h10",
	"usage":     "M3 13V8.5M8 13V3M13 13V6.5",
	"team":      "M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM2 13c0-2.2 1.8-3.5 4-3.5s4 1.3 4 3.5M10.5 3.2a2.2 2.2 0 0 1 0 4.1M11.5 9.7c1.5.4 2.5 1.6 2.5 3.3",
	"plan":      "M2 4.5h12v8H2zM2 7.5h12M4.5 10.2h3",
	"audit":     "M4 2.5h8v11H4zM6 5.5h4M6 8h4M6 10.5h2.5",
	"changes":   "M3 6.5h7a3.2 3.2 0 0 1 0 6.5H6M3 6.5l3-3M3 6.5l3 3",
	"settings":  "M2 4.5h6.5M11.5 4.5H14M2 11.5h2.5M7.5 11.5H14M10 3v3M6 10v3",
	"help":      "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.3a1.8 1.8 0 1 1 2.5 1.9c-.5.2-.8.5-.8 1.1M8 11.2v.1",
	"operator":  "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.1M5 11h.1",
	"addons":    "M8 5v6M5 8h6M2.5 3h11v10h-11z",
	"reviews":   "M4 14V2.5M4 3h8.5l-2 3 2 3H4",
	"directory": "M4 2.5h9v11H4zM2.5 5.5H4M2.5 10.5H4M8.5 8a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8zM6 11c0-1.2 1.1-1.8 2.5-1.8S11 9.8 11 11",
	"sources":   "M8 6c2.8 0 5-.8 5-1.75S10.8 2.5 8 2.5s-5 .8-5 1.75S5.2 6 8 6zM3 4.25v7.5c0 1 2.2 1.75 5 1.75s5-.75 5-1.75v-7.5M3 8c0 1 2.2 1.75 5 1.75s5-.75 5-1.75",
	"books":     "M8.5 2.5h5v5l-6 6-5-5zM11 5h.1",
	"check":     "M3.5 8.5l3 3 6-7",
	"copy":      "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
	"filter":    "M2.5 4h11M4.5 8h7M6.5 12h3",
	"columns":   "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
	"export":    "M8 10V2.5M5 5.5l3-3 3 3M2.5 10v3.5h11V10",
	"star":      "M8 2.5l1.7 3.5 3.8.5-2.8 2.7.7 3.8L8 11.2 4.6 13l.7-3.8L2.5 6.5 6.3 6z",
	"fold":      "M2.5 3h11v10h-11zM6.5 3v10",
}

func boolText(b bool) string { return strconv.FormatBool(b) }
