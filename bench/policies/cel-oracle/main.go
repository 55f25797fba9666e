// Evaluates CEL expressions in the API server's own environment. A line in is {"expression": ..., "object": ...}; a line out is
// {"value": ...}, {"error": ...} or {"refused": ...} where the expression does not compile.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
)

type question struct {
	Expression string          `json:"expression"`
	Object     json.RawMessage `json:"object"`
}

func plain(value ref.Val) any {
	switch v := value.(type) {
	case types.Bool, types.String:
		return v.Value()
	case types.Int:
		return map[string]any{"int": fmt.Sprint(int64(v))}
	case types.Uint:
		return map[string]any{"uint": fmt.Sprint(uint64(v))}
	case types.Double:
		return map[string]any{"double": fmt.Sprintf("%g", float64(v))}
	case types.Null:
		return nil
	case types.Bytes:
		return map[string]any{"bytes": []byte(v)}
	case types.Duration:
		return map[string]any{"duration": v.Duration.Nanoseconds()}
	case types.Timestamp:
		return map[string]any{"timestamp": v.Time.UTC().Format(time.RFC3339Nano)}
	case *types.Optional:
		if v.HasValue() {
			return map[string]any{"optional": plain(v.GetValue())}
		}
		return map[string]any{"optional": "none"}
	}
	if list, ok := value.(traits.Lister); ok {
		found := []any{}
		for it := list.Iterator(); it.HasNext() == types.True; {
			found = append(found, plain(it.Next()))
		}
		return found
	}
	if mapper, ok := value.(traits.Mapper); ok {
		found := map[string]any{}
		for it := mapper.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			found[fmt.Sprint(key.Value())] = plain(mapper.Get(key))
		}
		return map[string]any{"map": found}
	}
	return map[string]any{"opaque": value.Type().TypeName()}
}

// JSON as the API server decodes it: whole numbers are int64.
func decoded(raw json.RawMessage) any {
	var value any
	if len(raw) == 0 || json.Unmarshal(raw, &value) != nil {
		return nil
	}
	return whole(value)
}

func whole(value any) any {
	switch v := value.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = whole(v[k])
		}
	}
	return value
}

func answer(env *cel.Env, q question) map[string]any {
	ast, issues := env.Compile(q.Expression)
	if issues != nil && issues.Err() != nil {
		return map[string]any{"refused": issues.Err().Error()}
	}
	program, err := env.Program(ast)
	if err != nil {
		return map[string]any{"refused": err.Error()}
	}
	value, details, err := program.Eval(map[string]any{"object": decoded(q.Object)})
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"value": plain(value), "cost": *details.ActualCost()}
}

func main() {
	base, err := environment.MustBaseEnvSet(version.MajorMinor(1, 34), true).Env(environment.StoredExpressions)
	if err != nil {
		panic(err)
	}
	env, err := base.Extend(cel.Variable("object", cel.DynType))
	if err != nil {
		panic(err)
	}
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			var q question
			if json.Unmarshal(line, &q) != nil {
				panic("not a question: " + string(line))
			}
			data, _ := json.Marshal(answer(env, q))
			out.Write(append(data, '\n'))
		}
		if err != nil {
			return
		}
	}
}
