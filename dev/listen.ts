import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A listening server. */
export interface Listening {
  url: string;
  port: number;
  /** Closes idle connections at once and waits for requests in flight. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 only: these servers issue tokens to anyone.
 *
 * @param port - 0 picks a free port
 * @throws with the code EADDRINUSE if the port is taken
 */
export async function listen(server: Server, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  // A busy caller may use a connection just when the server closes it after Node's five seconds without a request.
  server.keepAliveTimeout = 75_000;
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // A caller that never finishes must not block shutdown.
        setTimeout(() => server.closeAllConnections(), 500).unref();
      }),
  };
}

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const { port, close } = await listen(createServer(), 0);
  await close();
  return port;
}

/** Whether nobody listens on this port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    const { close } = await listen(createServer(), port);
    await close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
}
