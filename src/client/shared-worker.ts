/**
 * What the tabs of a browser share: the connection to the server. It paints nothing, for an off-screen canvas cannot leave
 * the process of its page; each tab decodes and paints for itself.
 * @module
 */
import { Hub } from "./shared/hub.ts";
import type { Connecting, TabLeaving, TabOpening, TabPort } from "./shared/messages.ts";
import type { Tab } from "./shared/tab.ts";
import { openWebSocket } from "./socket.ts";

const hub = new Hub(openWebSocket);

addEventListener("connect", (event) => {
  const [page] = (event as MessageEvent).ports;
  if (page !== undefined) welcome(page);
});

// One page, with what it has open here.
function welcome(page: MessagePort): void {
  const tabs = new Set<Tab>();
  const rest = (): void => {
    for (const tab of tabs) tab.ended(1000, "");
  };
  page.onmessage = ({ data, ports: [port] }: MessageEvent<TabOpening | TabLeaving>) => {
    if (data.type === "bye" || port === undefined) {
      // It may come back: a page that is kept for the way back is only frozen.
      rest();
      return;
    }
    port.onmessage = ({ data: { url }, ports: [conversation] }: MessageEvent<Connecting>) => {
      if (conversation === undefined) return;
      const tab = hub.connect(conversation as TabPort, url, () => {
        if (tab !== undefined) tabs.delete(tab);
      });
      if (tab !== undefined) tabs.add(tab);
    };
    // The page holds it as long as it lives. Whoever gets it next knows that the page is gone, whatever ended it.
    if (data.lock !== undefined)
      void navigator.locks.request(data.lock, () => {
        port.close();
        rest();
      });
  };
}
