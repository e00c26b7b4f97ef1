/** The quality of a JPEG made here if none is given, 1 to 100 as in libjpeg. */
export const DEFAULT_QUALITY = 75;
