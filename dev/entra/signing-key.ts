import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** A private RSA key and its name, which is its thumbprint (RFC 7638). */
export interface SigningKey {
  jwk: JWK;
  kid: string;
}

/**
 * The tenant's signing key.
 * @param file where it is kept, so that tokens outlive a restart; without it the key is a new one
 */
export async function openSigningKey(file: string | undefined): Promise<SigningKey> {
  const jwk = (await readKey(file)) ?? (await makeKey(file));
  return { jwk, kid: await calculateJwkThumbprint(jwk) };
}

async function readKey(file: string | undefined): Promise<JWK | null> {
  if (file === undefined) return null;
  try {
    const jwk = JSON.parse(await readFile(file, "utf8")) as JWK;
    await new SignJWT({}).setProtectedHeader({ alg: "RS256" }).sign(jwk);
    return jwk;
  } catch {
    // None yet, or half of one after a crash: another is made.
    return null;
  }
}

async function makeKey(file: string | undefined): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  if (file !== undefined) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(jwk), { mode: 0o600 });
  }
  return jwk;
}
