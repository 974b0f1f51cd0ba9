/** Thrown by {@link textOf} for an answer that is larger than anything that was expected. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
}

/** The text of an answer, read no further than `maxBytes`. Throws {@link TooLargeError} beyond that. */
export async function textOf(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TooLargeError(`The answer has more than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
