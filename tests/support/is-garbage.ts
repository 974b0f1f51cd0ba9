// What is let go of has no other effect: only the collector shows that it is gone.

import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Whether nothing holds the object any more. */
export async function isGarbage(object: WeakRef<object>): Promise<boolean> {
  // Whatever has been looked at in this turn is held until its end.
  await setImmediate();
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return object.deref() === undefined;
}
