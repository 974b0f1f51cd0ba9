import { createHash } from "node:crypto";

/** A GUID derived from a text, so that it is the same each time. */
export function hashGuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
}
