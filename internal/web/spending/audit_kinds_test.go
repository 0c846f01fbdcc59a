package spending

import "testing"

// Every choice of the audit log's filter is there once, by its value and by its name.
func TestAuditKindsAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range auditKinds {
		for _, text := range []string{"value " + o.Value, "label " + o.Label} {
			if seen[text] {
				t.Errorf("%s is listed twice", text)
			}
			seen[text] = true
		}
	}
}
