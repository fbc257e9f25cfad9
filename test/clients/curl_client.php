<?php
// The curl extension with the file as a string: Content-Length, and Expect: 100-continue above 1 MiB.
while (($line = fgets(STDIN)) !== false) {
    [$url, $path, $clientId, $clientSecret, $contentType] = explode("\t", rtrim($line, "\n"));
    $headers = ["Content-Type: $contentType"];
    if ($clientId !== '') $headers[] = "X-NCP-APIGW-API-KEY-ID: $clientId";
    if ($clientSecret !== '') $headers[] = "X-NCP-APIGW-API-KEY: $clientSecret";

    $handle = curl_init($url);
    curl_setopt($handle, CURLOPT_POST, true);
    curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($handle, CURLOPT_HTTPHEADER, $headers);
    curl_setopt($handle, CURLOPT_POSTFIELDS, file_get_contents($path));
    $body = curl_exec($handle);
    $status = $body === false ? 'failed' : curl_getinfo($handle, CURLINFO_HTTP_CODE);
    echo $status, "\t", base64_encode($body === false ? curl_error($handle) : $body), "\n";
    curl_close($handle);
}
