import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** RFC 6455, 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const BINARY = 0x2;
const CLOSE = 0x8;

/** The server's end of a WebSocket, for binary messages of one frame: all that LiveKit's signalling is made of. */
export interface WebSocketEnd {
  send(message: Uint8Array): void;
  close(): void;
}

/** Takes an upgrade, and hands over each message that comes. */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  onMessage: (message: Uint8Array) => void,
): WebSocketEnd {
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let waiting: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    for (let frame = readFrame(waiting); frame !== null; frame = readFrame(waiting)) {
      waiting = frame.rest;
      if (frame.opcode === BINARY) onMessage(frame.payload);
      if (frame.opcode === CLOSE) socket.end();
    }
  });
  socket.on("error", () => socket.destroy());
  return {
    send: (message) => socket.write(Buffer.concat([headOf(message.length), message])),
    close: () => socket.destroy(),
  };
}

/** RFC 6455, 5.2: a client's frame is masked. Null while it is not all there. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | null {
  if (bytes.length < 2) return null;
  const short = bytes.readUInt8(1) & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + extended + 4) return null;
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const start = 2 + extended + 4;
  if (bytes.length < start + length) return null;
  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(
    bytes.subarray(start, start + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0)),
  );
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, rest: bytes.subarray(start + length) };
}

function headOf(length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | BINARY, length]);
  const head = Buffer.from([0x80 | BINARY, 126, 0, 0]);
  head.writeUInt16BE(length, 2);
  return head;
}
