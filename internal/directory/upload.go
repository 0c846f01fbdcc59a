package directory

import (
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// An id of a file without a source is known within that upload alone: two exports both
// number from 1. It is kept as "imp_…:51".
const uploadMark = "imp_"

func ofUpload(sourceID string) bool {
	return strings.HasPrefix(sourceID, uploadMark) && strings.Contains(sourceID, ":")
}

// withoutUpload is the id as the file has it, so that the same row is the same in the next
// upload.
func withoutUpload(sourceID string) string {
	if ofUpload(sourceID) {
		_, sourceID, _ = strings.Cut(sourceID, ":")
	}
	return sourceID
}

// uploadOf is the upload within which a key is known; false: it is known for ever.
func uploadOf(k store.KeyRow) (string, bool) {
	upload, _, _ := strings.Cut(k.Key, ":")
	return upload, k.Kind == lead.KindSource && ofUpload(k.Key)
}
