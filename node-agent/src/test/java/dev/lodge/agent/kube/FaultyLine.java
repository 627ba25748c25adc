package dev.lodge.agent.kube;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** The line between an agent and the API server, which a test can cut. Knows nothing of TLS. */
public final class FaultyLine implements AutoCloseable {
  private final ServerSocket listening;
  private final int target;
  private final List<Socket> open = new ArrayList<>();
  private volatile boolean down;
  private volatile boolean losing;

  public FaultyLine(int target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        if (down) {
          client.close();
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        synchronized (open) {
          open.add(client);
          open.add(server);
        }
        Thread.ofVirtual().start(() -> pump(client, server, false));
        Thread.ofVirtual().start(() -> pump(server, client, true));
      } catch (IOException e) {
        // Closed, or the server is gone: the client sees its connection end.
        continue;
      }
    }
  }

  private void pump(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[16 << 10];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (answers && losing) {
          return; // what was asked is done; nobody hears of it
        }
        to.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException e) {
      return; // either side closed it
    }
  }

  /** Ends all connections; new ones can be made. */
  public void cut() throws IOException {
    synchronized (open) {
      for (Socket s : open) {
        s.close();
      }
      open.clear();
    }
  }

  /** Nothing gets through until {@link #mend}. */
  public void takeDown() throws IOException {
    down = true;
    cut();
  }

  /** Requests get through, and answers do not, until {@link #mend}. */
  public void loseAnswers() {
    losing = true;
  }

  public void mend() {
    down = false;
    losing = false;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
