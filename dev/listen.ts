import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens. */
export interface Listening {
  url: string;
  port: number;
  /** Ends idle connections at once and waits for requests under way. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1, and nowhere else: these servers hand out tokens to anybody who asks.
 * @param port 0 takes a free one
 * @throws with code EADDRINUSE when the port is taken
 */
export async function listen(server: Server, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // A caller that never finishes must not hold up the end.
        setTimeout(() => server.closeAllConnections(), 500).unref();
      }),
  };
}
