declare const clientIdBrand: unique symbol;

/**
 * The client id of an Entra app registration, an agent's or a client application's: a GUID in lower case.
 * Only {@link parseClientId} makes one, so that ids can be compared by `===`.
 */
export type ClientId = string & { readonly [clientIdBrand]: true };

// Any version and variant: Microsoft's own ids (00000003-0000-0000-c000-000000000000) fit no RFC 9562 version.
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** `value` in lower case if it is exactly one GUID (8-4-4-4-12, any letter case), else `undefined`. Never throws. */
export function parseGuid(value: unknown): string | undefined {
  return typeof value === "string" && guid.test(value) ? value.toLowerCase() : undefined;
}

/** {@link parseGuid} for the client id of an app registration. */
export function parseClientId(value: unknown): ClientId | undefined {
  return parseGuid(value) as ClientId | undefined;
}

/** Nobody's id: asking for it shows whether something answers, and grants nothing. */
export const PROBE_CLIENT_ID = "00000000-0000-0000-0000-000000000000" as ClientId;
