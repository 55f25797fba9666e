// Reads a text per line (a JSON string) and answers per line with the JSON of its documents, as kubectl and Helm turn YAML into JSON; `null`
// where a document cannot be read.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	goyaml "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

func documents(text string) []json.RawMessage {
	found := []json.RawMessage{}
	decoder := goyaml.NewDecoder(bytes.NewReader([]byte(text)))
	for {
		var node any
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			return nil
		}
		plain, err := goyaml.Marshal(node)
		if err != nil {
			return nil
		}
		data, err := yaml.YAMLToJSON(plain)
		if err != nil {
			return nil
		}
		found = append(found, data)
	}
}

// A text of one document is read as kubectl does, without the detour.
func read(text string) (found []json.RawMessage) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	if data, err := yaml.YAMLToJSON([]byte(text)); err == nil && !bytes.Contains([]byte(text), []byte("---")) {
		return []json.RawMessage{data}
	}
	return documents(text)
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var text string
			if json.Unmarshal(line, &text) != nil {
				os.Exit(1)
			}
			answer, failed := json.Marshal(read(text))
			if failed != nil {
				answer = []byte("null")
			}
			out.Write(append(answer, '\n'))
		}
		if err != nil {
			return
		}
	}
}
