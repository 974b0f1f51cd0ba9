import * as z from "zod/mini";
import { parseGuid } from "../domain/client-id.ts";
import { partsOf, tablesUrlOf } from "./tables-url.ts";

// Schemas of the settings' values. Messages never contain the value: it may be a secret in the wrong setting.

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a URL points to this machine. False if it is not a valid URL. */
export function isLoopback(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && LOOPBACK.has(url.hostname);
}

/** Whether traffic to this address is encrypted or stays on this machine. */
function isEncryptedOrLocal(address: string): boolean {
  return /^(https|wss):/i.test(address) ? URL.canParse(address) : isLoopback(address);
}

const text = (error: string, isValid: (value: string) => boolean) =>
  z.string().check(z.refine(isValid, { error }));

/** A required value. */
export const required = () =>
  z.string({ error: "is missing" }).check(
    z.regex(/^\S+$/, { error: "must not contain white space" }),
    // If the platform can't resolve a Key Vault reference, the app gets the reference itself; used as a
    // signing secret, it would be a known one.
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

/** A URL without path or query: `https`, or `http` for loopback. */
export const origin = z.pipe(
  text(
    "must be an https URL without a path (http only for loopback)",
    (value) => /^https?:\/\/[^\s/?#@]+\/?$/.test(value) && isEncryptedOrLocal(value),
  ),
  z.transform((value) => new URL(value).origin),
);

/** A base URL that paths are appended to: `{base}/api/…`. */
export const baseUrl = z.pipe(
  text(
    "must be an https URL without query, fragment, credentials or trailing slash (http only for loopback)",
    (value) => /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*[^\s/?#\\])?$/.test(value) && isEncryptedOrLocal(value),
  ),
  z.transform((value) => new URL(value).href.replace(/\/+$/, "")),
);

/** Always `https`, because access tokens are sent to it. */
export const tablesEndpoint = text(
  "must be an https URL",
  (value) => /^https:\/\/[^\s?#@]+$/.test(value) && URL.canParse(value),
);

/** The account key, or signatures made with it, are sent to this address. */
export const connectionString = text(
  "must be a connection string of a storage account with an https table endpoint (http only for loopback)",
  (value) => {
    const url = tablesUrlOf(value);
    if (url === undefined || !/^https?:\/\/[^\s?#@]+$/i.test(url) || /\s/.test(value)) return false;
    // The SDK ignores the rest of a development-storage string. Allow nothing else in it, such as a remote
    // proxy.
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
