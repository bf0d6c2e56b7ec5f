import { expect, test } from "vitest";
import { linesOf, linesOfFile, videoKind } from "./lines";

test("one address per line, without blank lines and comments", () => {
  expect(linesOf("https://a.example/x\r\n\n  # mine\n  b.example/y  \n")).toEqual(["https://a.example/x", "b.example/y"]);
});

test("addresses in prose are taken out of it, and a line without one is kept to be judged", () => {
  expect(linesOf("see https://a.example/x, and (https://b.example/y).\nnot an address")).toEqual(["https://a.example/x", "https://b.example/y", "not an address"]);
});

test("a browser's shortcut and a list in a file give their addresses", () => {
  expect(linesOfFile("One.url", "[InternetShortcut]\r\nURL=https://a.example/x?y=1\r\n")).toEqual(["https://a.example/x?y=1"]);
  expect(linesOfFile("One.webloc", "<dict><key>URL</key><string>https://a.example/?a=1&amp;b=2</string></dict>")).toEqual(["https://a.example/?a=1&b=2"]);
  expect(linesOfFile("list.txt", "Reading list\nhttps://a.example\nwww.b.example/z")).toEqual(["https://a.example", "www.b.example/z"]);
});

test("videos and playlists are told apart", () => {
  expect(videoKind("https://youtu.be/abc")).toBe("video");
  expect(videoKind("youtube.com/watch?v=abc&list=PL1")).toBe("video");
  expect(videoKind("https://www.youtube.com/shorts/abc")).toBe("video");
  expect(videoKind("https://m.youtube.com/playlist?list=PL1")).toBe("playlist");
  expect(videoKind("https://example.org/watch?v=abc")).toBe("other");
  expect(videoKind("nonsense")).toBe("other");
});
