// Releasing an object has no other effect: only the garbage collector shows it.

import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Whether the object is no longer referenced. */
export async function isGarbage(object: WeakRef<object>): Promise<boolean> {
  // An object that was dereferenced in this turn is kept until the turn ends.
  await setImmediate();
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return object.deref() === undefined;
}
