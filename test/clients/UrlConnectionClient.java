import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.Base64;

/** HttpURLConnection as in the vendor's sample: the method never set, copies of 4096 bytes, the error stream read. */
public class UrlConnectionClient {
    public static void main(String[] args) throws Exception {
        BufferedReader calls = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line = calls.readLine(); line != null; line = calls.readLine()) {
            try {
                print(line.split("\t", -1));
            } catch (Exception error) {
                System.out.println("failed\t" + Base64.getEncoder().encodeToString(error.toString().getBytes("UTF-8")));
            }
            System.out.flush();
        }
    }

    private static void print(String[] call) throws Exception {
        HttpURLConnection connection = (HttpURLConnection) new URL(call[0]).openConnection();
        connection.setUseCaches(false);
        connection.setDoOutput(true);
        connection.setDoInput(true);
        connection.setRequestProperty("Content-Type", call[4]);
        if (!call[2].isEmpty()) connection.setRequestProperty("X-NCP-APIGW-API-KEY-ID", call[2]);
        if (!call[3].isEmpty()) connection.setRequestProperty("X-NCP-APIGW-API-KEY", call[3]);

        try (OutputStream output = connection.getOutputStream(); InputStream file = new FileInputStream(call[1])) {
            byte[] buffer = new byte[4096];
            for (int count = file.read(buffer); count != -1; count = file.read(buffer)) output.write(buffer, 0, count);
        }

        int status = connection.getResponseCode();
        InputStream body = status == 200 ? connection.getInputStream() : connection.getErrorStream();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (body != null) body.transferTo(bytes);
        System.out.println(status + "\t" + Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }
}
