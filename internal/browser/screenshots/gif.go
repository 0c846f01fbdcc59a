package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"slices"
)

// reel is the frames of an animated picture.
type reel struct {
	frames []*image.RGBA
	delays []int // how long each is shown, in hundredths of a second
}

// add appends a screenshot. One that looks like the frame before makes that one longer.
func (r *reel) add(shot []byte, delay int, pointer image.Point) error {
	decoded, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return err
	}
	frame := image.NewRGBA(decoded.Bounds())
	draw.Draw(frame, frame.Rect, decoded, decoded.Bounds().Min, draw.Src)
	drawPointer(frame, pointer)
	if n := len(r.frames) - 1; n >= 0 && bytes.Equal(r.frames[n].Pix, frame.Pix) {
		r.delays[n] += delay
		return nil
	}
	r.frames, r.delays = append(r.frames, frame), append(r.delays, delay)
	return nil
}

// arrow is the mouse pointer: # its edge, . its inside.
var arrow = []string{
	"#", "##", "#.#", "#..#", "#...#", "#....#", "#.....#", "#......#", "#.......#", "#........#", "#.........#",
	"#......#####", "#...#..#", "#..# #..#", "#.#  #..#", "##    #..#", "      #..#", "       ##",
}

func drawPointer(on *image.RGBA, at image.Point) {
	for y, line := range arrow {
		for x, c := range line {
			switch c {
			case '#':
				on.Set(at.X+x, at.Y+y, color.White)
			case '.':
				on.Set(at.X+x, at.Y+y, color.Black)
			}
		}
	}
}

// encode writes the reel as a GIF that runs for ever. A frame after the first is only the part
// that changed.
func (r *reel) encode(w io.Writer) error {
	out := &gif.GIF{}
	for n, frame := range r.frames {
		part := frame.Rect
		if n > 0 {
			part = changed(r.frames[n-1], frame)
		}
		out.Image = append(out.Image, paletted(frame, part))
		out.Delay = append(out.Delay, r.delays[n])
		out.Disposal = append(out.Disposal, gif.DisposalNone)
	}
	return gif.EncodeAll(w, out)
}

// changed is the smallest rectangle outside which two frames are the same.
func changed(before, after *image.RGBA) image.Rectangle {
	part := image.Rectangle{}
	for y := after.Rect.Min.Y; y < after.Rect.Max.Y; y++ {
		from, to := after.PixOffset(after.Rect.Min.X, y), after.PixOffset(after.Rect.Max.X, y)
		a, b := before.Pix[from:to], after.Pix[from:to]
		if bytes.Equal(a, b) {
			continue
		}
		first, last := 0, len(b)-1
		for a[first] == b[first] {
			first++
		}
		for a[last] == b[last] {
			last--
		}
		part = part.Union(image.Rect(after.Rect.Min.X+first/4, y, after.Rect.Min.X+last/4+1, y+1))
	}
	return part
}

// paletted is a part of a frame in its own most frequent colors, 256 at most. The others, which
// are the edges of letters, become the nearest of them.
func paletted(frame *image.RGBA, part image.Rectangle) *image.Paletted {
	count := map[color.RGBA]int{}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			count[frame.RGBAAt(x, y)]++
		}
	}
	colors := make([]color.RGBA, 0, len(count))
	for c := range count {
		colors = append(colors, c)
	}
	slices.SortFunc(colors, func(a, b color.RGBA) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return int(a.R)<<16 + int(a.G)<<8 + int(a.B) - int(b.R)<<16 - int(b.G)<<8 - int(b.B) // the same picture every time
	})
	var palette color.Palette
	for _, c := range colors[:min(256, len(colors))] {
		palette = append(palette, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colors {
		index[c] = uint8(palette.Index(c))
	}
	to := image.NewPaletted(part, palette)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			to.SetColorIndex(x, y, index[frame.RGBAAt(x, y)])
		}
	}
	return to
}
