// Answers what Kyverno's own JMESPath and condition operators say: a line in is {"query","data"} or {"operator","key","value"}, a line out
// {"value"}, {"error"}, {"holds"} or {"panic"}. It is built inside a checkout of Kyverno: put it into a folder below cmd and run go build there.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/go-logr/logr"
	kyvernov1 "github.com/kyverno/kyverno/api/kyverno/v1"
	"github.com/kyverno/kyverno/pkg/config"
	"github.com/kyverno/kyverno/pkg/engine/jmespath"
	"github.com/kyverno/kyverno/pkg/engine/variables/operator"
)

type question struct {
	Query    string `json:"query"`
	Data     any    `json:"data"`
	Operator string `json:"operator"`
	Key      any    `json:"key"`
	Value    any    `json:"value"`
}

func main() {
	queries := jmespath.New(config.NewDefaultConfiguration(false))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := answers.Encode(answer(queries, asked)); err != nil {
			panic(err)
		}
	}
}

func answer(queries jmespath.Interface, asked question) (said map[string]any) {
	defer func() {
		if reason := recover(); reason != nil {
			said = map[string]any{"panic": fmt.Sprint(reason)}
		}
	}()
	if asked.Operator != "" {
		handler := operator.CreateOperatorHandler(logr.Discard(), nil, kyvernov1.ConditionOperator(asked.Operator))
		if handler == nil {
			return map[string]any{"error": "no such operator"}
		}
		return map[string]any{"holds": handler.Evaluate(asked.Key, asked.Value)}
	}
	query, err := queries.Query(asked.Query)
	if err != nil {
		return map[string]any{"error": "refused: " + err.Error()}
	}
	value, err := query.Search(asked.Data)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	if _, err := json.Marshal(value); err != nil {
		return map[string]any{"error": "not json: " + err.Error()}
	}
	return map[string]any{"value": value}
}
