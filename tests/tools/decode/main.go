// Decode reads an exposition of delimited MetricFamily messages from standard input and writes it
// to standard output as a JSON array of them.
//
// The messages are read by the types that Prometheus' own client library generates from the
// published .proto file, so that the exporter's encoder is not judged by its own idea of it.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
)

func main() {
	families, err := read(bufio.NewReader(os.Stdin))
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(families)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "decode:", err)
		os.Exit(1)
	}
}

// read returns every family up to the end of the input, each as its own JSON.
func read(input *bufio.Reader) ([]json.RawMessage, error) {
	// A family of many series is larger than the reader's default limit.
	reader := protodelim.UnmarshalOptions{MaxSize: -1}
	families := []json.RawMessage{}
	for {
		family := &dto.MetricFamily{}
		err := reader.UnmarshalFrom(input, family)
		if errors.Is(err, io.EOF) {
			return families, nil
		}
		if err == nil {
			err = refuseUnknown(family)
		}
		var encoded []byte
		if err == nil {
			encoded, err = protojson.MarshalOptions{UseProtoNames: true}.Marshal(family)
		}
		if err != nil {
			return nil, fmt.Errorf("family %d, %q: %w", len(families), family.GetName(), err)
		}
		families = append(families, encoded)
	}
}

// refuseUnknown fails on a field that the .proto file does not have, or has with another wire
// type: a reader passes over both in silence, so an encoder's slip would look like a missing value.
func refuseUnknown(family *dto.MetricFamily) error {
	return protorange.Range(family.ProtoReflect(), func(values protopath.Values) error {
		message, is := values.Index(-1).Value.Interface().(protoreflect.Message)
		if is && len(message.GetUnknown()) > 0 {
			return fmt.Errorf("%s holds unknown fields: %x", values.Path, message.GetUnknown())
		}
		return nil
	})
}
