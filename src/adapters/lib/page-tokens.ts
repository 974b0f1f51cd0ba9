import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { parseGuid } from "../../domain/client-id.ts";
import type { PagedQuestion, PageTokens } from "../../domain/ports.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
// Shorter positions are padded to the length of an id, so that a token's length says nothing.
const POSITION_BYTES = 36;
const TOKEN_LENGTH = Math.ceil(((NONCE_BYTES + POSITION_BYTES + TAG_BYTES) * 8) / 6);

/**
 * Creates {@link PageTokens} with AES-GCM and a key derived from `secret`. The question is authenticated, but not part of the
 * token. Nonces are random: at a thousand tokens a second, two are the same within a year with a probability of one in a hundred million.
 */
export function createPageTokens(secret: string): PageTokens {
  const key = new Uint8Array(hkdfSync("sha256", secret, "", "lkps page token", 32));
  return {
    seal: (question, after) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(bytesOf(question));
      const sealed = [
        nonce,
        cipher.update(after.padEnd(POSITION_BYTES)),
        cipher.final(),
        cipher.getAuthTag(),
      ];
      return Buffer.concat(sealed).toString("base64url");
    },
    open: (question, token) => {
      if (token.length !== TOKEN_LENGTH) return undefined;
      const bytes = Buffer.from(token, "base64url");
      // Decoding ignores invalid characters and unused bits; accept only what LKPS wrote.
      if (bytes.toString("base64url") !== token) return undefined;
      const tag = bytes.subarray(-TAG_BYTES);
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(bytesOf(question))
        .setAuthTag(tag);
      const position = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      try {
        return Buffer.concat([position, decipher.final()]).toString().trimEnd();
      } catch {
        return undefined;
      }
    },
  };
}

function bytesOf(question: PagedQuestion): Buffer {
  const withIds = (name: string, value: unknown) => (name === "id" ? (parseGuid(value) ?? value) : value);
  try {
    return Buffer.from(JSON.stringify(question, withIds));
  } catch {
    // Properties that are nested thousands deep overflow the stack. LKPS ignores them anyway.
    return Buffer.from(
      JSON.stringify(question, (name, value) => (name === "properties" ? undefined : withIds(name, value))),
    );
  }
}
