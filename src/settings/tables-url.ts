/**
 * Returns the table endpoint that `@azure/data-tables` derives from a connection string, or `undefined` if it
 * rejects the string. Parses it like the SDK (case-insensitive names; the first of a repeated name counts),
 * so that validation and use can't disagree about who gets the key. The SDK itself loads too slowly for
 * startup; a test compares the two.
 *
 * @see https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
 */
export function tablesUrlOf(connectionString: string): string | undefined {
  const text = connectionString.toLowerCase();
  // As in the SDK: anywhere in the string, regardless of the rest.
  if (text.includes("usedevelopmentstorage=true")) return "http://127.0.0.1:10002/devstoreaccount1";
  const parts = partsOf(connectionString);
  if (parts === undefined) return undefined;
  const isAccount = text.includes("defaultendpointsprotocol=") && text.includes("accountkey=");
  const url = isAccount ? accountUrl(parts) : signatureUrl(parts);
  return url !== undefined && URL.canParse(url) ? url : undefined;
}

/** The parts by their names in lower case; `undefined` if a part has no name. */
export function partsOf(connectionString: string): ReadonlyMap<string, string> | undefined {
  const parts = new Map<string, string>();
  for (const part of connectionString.split(";")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    if (at === -1) return undefined;
    const name = part.slice(0, at).toLowerCase();
    if (!parts.has(name)) parts.set(name, part.slice(at + 1));
  }
  return parts;
}

type Parts = ReadonlyMap<string, string>;

function accountUrl(parts: Parts): string | undefined {
  const [account, key, protocol = "", suffix] = [
    "accountname",
    "accountkey",
    "defaultendpointsprotocol",
    "endpointsuffix",
  ].map((name) => parts.get(name));
  if (!account || !key) return undefined;
  const endpoint = tableEndpoint(parts);
  if (endpoint !== "") return endpoint;
  return /^https?$/i.test(protocol) && suffix ? `${protocol}://${account}.table.${suffix}` : undefined;
}

function signatureUrl(parts: Parts): string | undefined {
  const endpoint = tableEndpoint(parts);
  const url = URL.parse(endpoint);
  if (url === null || !parts.get("sharedaccesssignature")) return undefined;
  const [first, second] = url.host.split(".");
  const account = second === "table" ? first : url.pathname.split("/")[1];
  return account ? endpoint : undefined;
}

function tableEndpoint(parts: Parts): string {
  return (parts.get("tableendpoint") ?? "").replace(/\/$/, "");
}
