import { type RefObject, useCallback, useEffect, useState } from "react";
import type { Block } from "@/lib/blocks";
import { pointOffset } from "@/lib/offsets";
import { textOffset, trimmed } from "@/lib/selection";

/** A stretch of the text that somebody selected, in the server's character offsets, and where it is on the screen. */
export interface Chosen {
  start: number;
  end: number;
  quote: string;
  box: DOMRect;
}

/** Follows what is selected in the text; what is typed in the bar beside it does not end it. */
export function useSelected(text: RefObject<HTMLElement | null>, blocks: readonly Block[], content: string, on: boolean) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  useEffect(() => {
    if (!on) return;
    let due = 0;
    const look = () => {
      window.clearTimeout(due);
      due = window.setTimeout(() => {
        if (document.activeElement?.closest(".selection-place")) return;
        setChosen(text.current ? selectedIn(text.current, blocks, content) : null);
      }, 160);
    };
    document.addEventListener("selectionchange", look);
    return () => {
      window.clearTimeout(due);
      document.removeEventListener("selectionchange", look);
    };
  }, [text, blocks, content, on]);
  const clear = useCallback(() => {
    window.getSelection()?.removeAllRanges();
    setChosen(null);
  }, []);
  return { chosen, clear };
}

function selectedIn(text: HTMLElement, blocks: readonly Block[], content: string): Chosen | null {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  // a selection may begin or end outside, when somebody selects to the end: what is in the text counts
  if (!range.intersectsNode(text)) return null;
  const from = text.contains(range.startContainer) ? offsetOf(text, blocks, range.startContainer, range.startOffset, false) : blocks[0]?.start;
  const to = text.contains(range.endContainer) ? offsetOf(text, blocks, range.endContainer, range.endOffset, true) : drawnEnd(text, blocks);
  const inside = from === undefined || to === undefined ? null : trimmed(content, from, to);
  if (!inside) return null;
  return {
    start: pointOffset(content, inside.start),
    end: pointOffset(content, inside.end),
    quote: content.slice(inside.start, inside.end),
    box: range.getBoundingClientRect(),
  };
}

const blockAt = (blocks: readonly Block[], element: HTMLElement): Block | undefined => blocks.find((block) => block.start === Number(element.dataset.block));

function drawnEnd(text: HTMLElement, blocks: readonly Block[]): number | undefined {
  const last = [...text.querySelectorAll<HTMLElement>("[data-block]")].at(-1);
  return last ? blockAt(blocks, last)?.end : undefined;
}

function offsetOf(text: HTMLElement, blocks: readonly Block[], node: Node, offset: number, ends: boolean): number | undefined {
  const element = (node instanceof HTMLElement ? node : node.parentElement)?.closest<HTMLElement>("[data-block]");
  if (!element) return between(text, blocks, node, offset, ends);
  const block = blockAt(blocks, element);
  if (!block) return undefined;
  const before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(node, offset);
  // not range.toString() of what is hidden: blocks hold nothing but their text
  return textOffset(block, before.toString().length, ends);
}

/** A place between blocks, as a triple click gives: the block before it, or the one behind. */
function between(text: HTMLElement, blocks: readonly Block[], node: Node, offset: number, ends: boolean): number | undefined {
  const place = document.createRange();
  place.setStart(node, offset);
  const drawn = [...text.querySelectorAll<HTMLElement>("[data-block]")];
  const after = drawn.findIndex((element) => place.comparePoint(element, 0) >= 0);
  const element = ends ? drawn[(after < 0 ? drawn.length : after) - 1] : drawn[after];
  const block = element ? blockAt(blocks, element) : undefined;
  return ends ? block?.end : block?.start;
}
