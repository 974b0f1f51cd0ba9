import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** A private RSA key. Its id is its thumbprint (RFC 7638). */
export interface SigningKey {
  jwk: JWK;
  kid: string;
}

/**
 * Loads or creates the tenant's signing key.
 *
 * @param file - stores the key, so that tokens stay valid after a restart; if undefined, the key is always
 *   new
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
    // Missing, or incomplete after a crash: create a new one.
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
