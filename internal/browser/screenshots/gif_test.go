package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"os"
	"strings"
	"testing"
)

// What is decoded is what was filmed: a frame is only what changed, one that looks like the frame
// before makes that one longer, and colors that there are few of are exact.
func TestReel(t *testing.T) {
	var r reel
	page := image.NewRGBA(image.Rect(0, 0, 120, 80))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	shots := []struct {
		fill    image.Rectangle
		color   color.RGBA
		pointer image.Point
	}{
		{image.Rect(0, 0, 120, 10), color.RGBA{11, 107, 93, 255}, image.Pt(60, 40)},
		{image.Rect(0, 0, 120, 10), color.RGBA{11, 107, 93, 255}, image.Pt(60, 40)},
		{image.Rect(20, 30, 50, 42), color.RGBA{211, 145, 23, 255}, image.Pt(60, 40)},
		{image.Rect(20, 30, 50, 42), color.RGBA{211, 145, 23, 255}, image.Pt(100, 70)}, // over the edge
	}
	for _, s := range shots {
		draw.Draw(page, s.fill, image.NewUniform(s.color), image.Point{}, draw.Src)
		var shot bytes.Buffer
		if err := png.Encode(&shot, page); err != nil {
			t.Fatal(err)
		}
		if err := r.add(shot.Bytes(), 10, s.pointer); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if err := r.encode(&file); err != nil {
		t.Fatal(err)
	}
	got, err := gif.DecodeAll(&file)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Image) != 3 || got.Delay[0] != 20 || got.LoopCount != 0 {
		t.Fatalf("%d frames of %v, repeated %d times", len(got.Image), got.Delay, got.LoopCount)
	}
	if part := got.Image[1].Rect; part != image.Rect(20, 30, 50, 42) {
		t.Errorf("the second frame is %v", part)
	}
	shown := image.NewRGBA(page.Rect)
	for n, frame := range got.Image {
		draw.Draw(shown, frame.Rect, frame, frame.Rect.Min, draw.Over)
		if !bytes.Equal(shown.Pix, r.frames[n].Pix) {
			t.Errorf("frame %d is not what was filmed", n)
		}
	}
}

// The README shows the film, and it is light enough for a page.
func TestFilm(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "(docs/screenshots/film.gif)") {
		t.Error("the README does not show the film")
	}
	f, err := os.Open("../../../docs/screenshots/film.gif")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	g, err := gif.DecodeAll(f)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil || info.Size() > maxFilm || len(g.Image) < 20 {
		t.Errorf("%d bytes, %d frames (%v)", info.Size(), len(g.Image), err)
	}
}
