// node-viewer.mjs [URL] [FRAMES]: picture.jpg is always the newest picture of a camera.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import WebSocket from "ws";

const [url = "ws://localhost:9000/ws", frames = Infinity] = process.argv.slice(2);
const camera = new WebSocket(url);
await once(camera, "open");
for (let seen = 0; seen < frames; seen++) {
  camera.send("next"); // any text asks for one picture newer than the last
  const [jpeg] = await once(camera, "message"); // the answer is a whole JPEG file
  writeFileSync("picture.jpg", jpeg);
  console.log(`${jpeg.length} bytes`);
}
camera.close();
