// An *os.File as the body: net/http does not know its length and sends it chunked.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func call(fields []string) (string, []byte, error) {
	file, err := os.Open(fields[1])
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	request, err := http.NewRequest("POST", fields[0], file)
	if err != nil {
		return "", nil, err
	}
	request.Header.Set("Content-Type", fields[4])
	if fields[2] != "" {
		request.Header.Set("X-NCP-APIGW-API-KEY-ID", fields[2])
	}
	if fields[3] != "" {
		request.Header.Set("X-NCP-APIGW-API-KEY", fields[3])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return fmt.Sprint(response.StatusCode), body, err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		status, body, err := call(strings.Split(lines.Text(), "\t"))
		if err != nil {
			status, body = "failed", []byte(err.Error())
		}
		fmt.Printf("%s\t%s\n", status, base64.StdEncoding.EncodeToString(body))
	}
}
