"""python_viewer.py [URL] [FRAMES]: picture.jpg is always the newest picture of a camera."""
import asyncio, pathlib, sys, websockets

async def view(url="ws://localhost:9000/ws", frames=sys.maxsize):
    async with websockets.connect(url, max_size=None) as camera:
        for _ in range(int(frames)):
            await camera.send("next")  # any text asks for one picture newer than the last
            jpeg = await camera.recv()  # the answer is a whole JPEG file
            pathlib.Path("picture.jpg").write_bytes(jpeg)
            print(len(jpeg), "bytes", flush=True)

asyncio.run(view(*sys.argv[1:]))
