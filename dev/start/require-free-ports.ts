import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../listen.ts";

/** How long a crashed run may take to release its ports. */
const PATIENCE_MS = 3_000;

/** A port that must be free. */
export interface WantedPort {
  port: number;
  /** What uses the port. */
  name: string;
  /** How to choose another port. */
  advice: string;
}

/**
 * Checks that all ports are free before anything starts.
 *
 * @throws with a message that names the first taken port and what to do
 */
export async function requireFreePorts(ports: WantedPort[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (const { port, name, advice } of ports) {
    while (!(await isFree(port))) {
      if (Date.now() > deadline) {
        throw new Error(`Port ${port} (${name}) is taken by another process. ${advice}`);
      }
      await sleep(200);
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    const { close } = await listen(createServer(), port);
    await close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
}
