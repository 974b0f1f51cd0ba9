import { defineConfig } from "vitest/config";

// `npm run test:livekit`: apart from `npm test`, for it takes a LiveKit server and a browser.
export default defineConfig({ test: { include: ["tests/livekit/**/*.test.ts"] } });
