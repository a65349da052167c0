import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.xml.soap.SOAPException;
import org.apache.axis.AxisFault;
import org.apache.axis.Message;
import org.apache.axis.MessageContext;
import org.apache.axis.configuration.FileProvider;
import org.apache.axis.server.AxisServer;
import org.apache.axis.utils.XMLUtils;
import org.w3c.dom.Document;

/**
 * Axis behind an HTTP server that says how long its replies are, as its usual containers do and its
 * own SimpleAxisServer does not: /NAME is the service of that name in the deployment, its WSDL is
 * told to a GET. The one argument is the deployment; what is printed is the port.
 */
public final class Server {
    private final AxisServer engine;

    private Server(String deployment) {
        engine = new AxisServer(new FileProvider(deployment));
    }

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer server = HttpServer.create(anyPort, 0);
        server.createContext("/", new Server(arguments[0])::handle);
        server.start();
        System.out.println(server.getAddress().getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        MessageContext context = new MessageContext(engine);
        context.setTargetService(exchange.getRequestURI().getPath().substring(1));
        int status = 200;
        if (exchange.getRequestMethod().equals("GET")) {
            context.setProperty(MessageContext.TRANS_URL, "http://pharmacy.invalid/");
            engine.generateWSDL(context);
            XMLUtils.DocumentToStream((Document) context.getProperty("WSDL"), answer);
        } else {
            String type = exchange.getRequestHeaders().getFirst("Content-Type");
            context.setRequestMessage(new Message(exchange.getRequestBody(), false, type, null));
            try {
                engine.invoke(context);
            } catch (AxisFault fault) {
                status = 500;
                context.setResponseMessage(new Message(fault));
            }
            try {
                context.getResponseMessage().writeTo(answer);
            } catch (SOAPException failure) {
                throw new IOException(failure);
            }
        }
        exchange.getResponseHeaders().set("Content-Type", "text/xml; charset=utf-8");
        exchange.sendResponseHeaders(status, answer.size());
        exchange.getResponseBody().write(answer.toByteArray());
        exchange.close();
    }
}
