/** As much of the browser's Document Picture-in-Picture as is used. */
interface DocumentPictureInPicture {
  requestWindow(options: { readonly width: number; readonly height: number }): Promise<Window>;
}

/** The window of a picture begins with at most this width. */
const MAX_WIDTH_PX = 480;

const LOOK =
  "html, body { height: 100%; margin: 0; background: #0b0d10; overflow: hidden } body > * { width: 100%; height: 100% }";

/** What floats. */
export interface FloatingContent {
  readonly title: string;
  /** Width by height. */
  readonly ratio: number;
  readonly element: HTMLElement;
  /** The window was closed, by whomever. */
  closed(): void;
}

/** Whether this browser has windows that stay on top and hold a page. */
export function canFloat(): boolean {
  return browserFloat() !== undefined;
}

/** A small window that stays on top of all others, with one element in it. */
export class FloatingWindow {
  readonly #window: Window;

  /** Open it; needs somebody's press of a key or button. @throws what the browser says if it is not allowed */
  static async open(content: FloatingContent): Promise<FloatingWindow> {
    const { title, ratio, element } = content;
    const float = browserFloat();
    if (float === undefined) throw new Error("this browser has no floating windows");
    const width = Math.round(Math.min(MAX_WIDTH_PX, MAX_WIDTH_PX * ratio));
    const opened = await float.requestWindow({ width, height: Math.round(width / ratio) });
    const { document: page } = opened;
    page.title = title;
    page.documentElement.lang = document.documentElement.lang;
    // A style sheet in the text would break a strict policy.
    const sheet = new (opened as Window & typeof globalThis).CSSStyleSheet();
    sheet.replaceSync(LOOK);
    page.adoptedStyleSheets = [sheet];
    page.body.append(element);
    opened.addEventListener("pagehide", () => {
      element.remove();
      content.closed();
    });
    return new FloatingWindow(opened);
  }

  private constructor(opened: Window) {
    this.#window = opened;
  }

  /** Close it. */
  close(): void {
    this.#window.close();
  }
}

function browserFloat(): DocumentPictureInPicture | undefined {
  return (globalThis as { documentPictureInPicture?: DocumentPictureInPicture }).documentPictureInPicture;
}
