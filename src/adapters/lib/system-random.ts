import { randomBytes, randomUUID } from "node:crypto";
import type { Random } from "../../domain/ports.ts";

/** Random values from the operating system's secure generator. */
export const systemRandom: Random = {
  uuid: randomUUID,
  suffix: () => randomBytes(8).toString("hex"),
};
