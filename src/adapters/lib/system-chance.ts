import { randomBytes, randomUUID } from "node:crypto";
import type { Chance } from "../../domain/ports.ts";

/** The machine's clocks and its randomness. */
export const systemChance: Chance = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  uuid: randomUUID,
  suffix: () => randomBytes(8).toString("hex"),
};
