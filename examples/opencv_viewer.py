"""opencv_viewer.py [URL] [FRAMES]: how much moves in front of a camera."""
import sys, cv2

def view(url="http://localhost:9000/cameras/test/stream.mjpg", frames=sys.maxsize):
    video = cv2.VideoCapture(url)
    ok, before = video.read()  # a NumPy array, height x width x 3
    for _ in range(int(frames)):
        ok, picture = video.read()
        if not ok:
            sys.exit(f"no picture from {url}")
        motion = cv2.absdiff(picture, before).mean()
        print("%dx%d" % picture.shape[1::-1], "motion %.2f" % motion, flush=True)
        before = picture

view(*sys.argv[1:])
