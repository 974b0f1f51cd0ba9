import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../listen.ts";

/** How long an earlier run that crashed may need to let go of its ports. */
const PATIENCE_MS = 3_000;

/** Nobody else may use these ports. */
export interface WantedPort {
  port: number;
  /** Who wants it. */
  name: string;
  /** How to ask for another one. */
  advice: string;
}

/**
 * Finds out before anything starts whether all ports are free.
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
