import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;

/** java.net.http with its defaults: it asks for HTTP/2 by Upgrade: h2c, with the body in the same request. */
public class HttpClientClient {
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        BufferedReader calls = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line = calls.readLine(); line != null; line = calls.readLine()) {
            try {
                print(client, line.split("\t", -1));
            } catch (Exception error) {
                System.out.println("failed\t" + Base64.getEncoder().encodeToString(error.toString().getBytes("UTF-8")));
            }
            System.out.flush();
        }
    }

    private static void print(HttpClient client, String[] call) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(call[0]))
            .header("Content-Type", call[4])
            .POST(HttpRequest.BodyPublishers.ofFile(Path.of(call[1])));
        if (!call[2].isEmpty()) request.header("X-NCP-APIGW-API-KEY-ID", call[2]);
        if (!call[3].isEmpty()) request.header("X-NCP-APIGW-API-KEY", call[3]);
        HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        System.out.println(response.statusCode() + "\t" + Base64.getEncoder().encodeToString(response.body()));
    }
}
