declare const clientIdBrand: unique symbol;

/**
 * The client id of an agent or client application in Microsoft Entra ID: a GUID in lower case. Only {@link
 * parseClientId} creates one, so ids can be compared with `===`.
 */
export type ClientId = string & { readonly [clientIdBrand]: true };

// Any version and variant: some of Microsoft's own ids (00000003-0000-0000-c000-000000000000) match no
// version of RFC 9562.
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Returns `value` in lower case if it is a GUID (8-4-4-4-12, in any letter case), otherwise `undefined`.
 * Never throws.
 */
export function parseGuid(value: unknown): string | undefined {
  return typeof value === "string" && guid.test(value) ? value.toLowerCase() : undefined;
}

/** Like {@link parseGuid}, for client ids. */
export function parseClientId(value: unknown): ClientId | undefined {
  return parseGuid(value) as ClientId | undefined;
}

/** A client id that does not exist. Reading it checks that a dependency responds. */
export const PROBE_CLIENT_ID = "00000000-0000-0000-0000-000000000000" as ClientId;
