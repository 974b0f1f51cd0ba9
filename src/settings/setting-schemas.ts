import * as z from "zod/mini";
import { parseGuid } from "../domain/client-id.ts";
import { partsOf, tablesUrlOf } from "./tables-url.ts";

// What kinds of values settings have. A message never repeats a value: it may be a secret in the wrong place.

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether an address is this machine's, so that nothing sent there leaves it. False for what is no address. */
export function isLoopback(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && LOOPBACK.has(url.hostname);
}

/** Whether what is sent there is encrypted, or leaves the machine not at all. */
function isEncryptedOrLocal(address: string): boolean {
  return /^(https|wss):/i.test(address) ? URL.canParse(address) : isLoopback(address);
}

const text = (error: string, isValid: (value: string) => boolean) =>
  z.string().check(z.refine(isValid, { error }));

/** A value that must be there. */
export const required = () =>
  z.string({ error: "is missing" }).check(
    z.regex(/^\S+$/, { error: "must not contain white space" }),
    // The platform hands over the reference itself where it cannot resolve it; signed with, it would be a known secret.
    z.refine((value) => !value.startsWith("@Microsoft.KeyVault("), {
      error: "is an unresolved Key Vault reference",
    }),
  );

export const guid = text("must be a GUID", (value) => parseGuid(value) !== undefined);

export const wholeNumber = (minValue: number, maxValue: number, defaultValue: number) => {
  const error = `must be a whole number from ${minValue} to ${maxValue}`;
  const digits = z.string().check(z.regex(/^\d+$/, { error }));
  const inRange = z.number().check(z.minimum(minValue, { error }), z.maximum(maxValue, { error }));
  return z._default(z.pipe(z.pipe(digits, z.transform(Number)), inRange), defaultValue);
};

/** An address without path or query: `https`, or `http` where nothing leaves the machine. */
export const origin = z.pipe(
  text(
    "must be an https URL without a path (http only for loopback)",
    (value) => /^https?:\/\/[^\s/?#@]+\/?$/.test(value) && isEncryptedOrLocal(value),
  ),
  z.transform((value) => new URL(value).origin),
);

/** An address that others go on from: `{base}/api/…`. */
export const baseUrl = z.pipe(
  text(
    "must be an https URL without query, fragment, credentials or trailing slash (http only for loopback)",
    (value) => /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*[^\s/?#\\])?$/.test(value) && isEncryptedOrLocal(value),
  ),
  z.transform((value) => new URL(value).href.replace(/\/+$/, "")),
);

/** Access tokens travel to it, so it is `https` in any case. */
export const tablesEndpoint = text(
  "must be an https URL",
  (value) => /^https:\/\/[^\s?#@]+$/.test(value) && URL.canParse(value),
);

/** The account's key, or what it signs, travels by it. */
export const connectionString = text(
  "must be a connection string of a storage account with an https table endpoint (http only for loopback)",
  (value) => {
    const url = tablesUrlOf(value);
    if (url === undefined || !/^https?:\/\/[^\s?#@]+$/i.test(url) || /\s/.test(value)) return false;
    // Where it says so, the SDK hears nothing else of it: neither may there be anything else, such as a remote proxy.
    if (!/usedevelopmentstorage=true/i.test(value)) return isEncryptedOrLocal(url);
    const { usedevelopmentstorage, developmentstorageproxyuri, ...others } = Object.fromEntries(
      partsOf(value) ?? [],
    );
    return (
      usedevelopmentstorage?.toLowerCase() === "true" &&
      Object.keys(others).length === 0 &&
      (developmentstorageproxyuri === undefined || isLoopback(developmentstorageproxyuri))
    );
  },
);

/** @see https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#table-names */
export const tableName = text(
  "must be a table name: 3 to 63 letters and digits, starting with a letter, and not the word tables",
  (value) => /^[A-Za-z][A-Za-z0-9]{2,62}$/.test(value) && value.toLowerCase() !== "tables",
);

export const audiences = z
  .pipe(
    z.string(),
    z.transform((value) => value.split(",").map((audience) => audience.trim())),
  )
  .check(
    z.refine((values) => !values.includes(""), { error: "must be a comma-separated list of audiences" }),
  );

export const liveKitUrl = required().check(
  z.refine((value) => /^wss?:\/\/[^\s@]+$/.test(value) && isEncryptedOrLocal(value), {
    error: "must be a wss:// URL (ws:// only for loopback)",
  }),
);
