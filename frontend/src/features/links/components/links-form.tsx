import { useState } from "react";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { ProblemNotice } from "@/components/ui/notice";
import { plural } from "@/lib/format";
import { type Store, useStore } from "@/lib/store";
import { toast } from "@/lib/toast";
import { linesOf, MOST } from "../api/lines";
import type { Judged } from "../api/judge";
import { type Added, useAddLinks, useVerdicts } from "../api/verdicts";
import { VerdictList } from "./verdict-list";
import { WhatHappens } from "./what-happens";
import "./links.css";

interface Props {
  /** What is written, kept while people look at other tabs. */
  draft: Store<string>;
  youtube?: boolean;
  onAdded: (added: Added) => void;
}

/** Links, one per line, each with its verdict before anything is sent. */
export function LinksForm({ draft, youtube = false, onAdded }: Props) {
  const text = useStore(draft);
  const all = linesOf(text);
  const lines = all.slice(0, MOST);
  const { judged, sure, error } = useVerdicts(lines);
  const [chosen, setChosen] = useState(false);
  // what has to be mended stays where it can be mended
  const kept = judged.filter((one) => one.verdict === "not_an_address" || one.verdict === "refused").map((one) => one.line);
  const fresh = judged.filter((one) => one.verdict === "new").map((one) => one.line);
  const add = useAddLinks();
  const submit = () =>
    add.mutate(fresh, {
      onSuccess: (added) => {
        draft.set([...kept, ...all.slice(MOST)].join("\n"));
        setChosen(false);
        onAdded(added);
        if (added.single) toast(added.single.duplicateOf ? "This link is on your board already" : "Link added");
      },
    });
  return (
    <form
      className="links-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (sure && fresh.length > 0) submit();
      }}
    >
      <TextField
        label={youtube ? "YouTube links" : "Links"}
        className="links-text"
        value={text}
        spellCheck={false}
        autoCapitalize="off"
        placeholder={youtube ? "https://www.youtube.com/watch?v=…\nOne per line; a playlist adds all its videos." : "https://…\nOne per line. Paste a text with links in it, or drop a .txt or .url file."}
        onChange={(event) => draft.set(event.target.value)}
      />
      {youtube ? <WhatHappens lines={lines} /> : null}
      {lines.length > 0 ? <Summary judged={judged} sure={sure} failed={error !== null} left={all.length - lines.length} /> : null}
      {error ? <ProblemNotice problem={readProblem(error)} /> : null}
      {add.error ? <ProblemNotice problem={readProblem(add.error)} /> : null}
      {lines.length > 0 ? (
        <div className="links-send">
          <Button look="primary" type="submit" busy={add.isPending} disabled={!sure || fresh.length === 0}>{fresh.length > 0 ? `Add ${plural(fresh.length, "link")}` : sure ? "Nothing new to add" : "Add links"}</Button>
          {sure && judged.length > fresh.length && judged.length > 1 ? (
            <label className="check"><input type="checkbox" checked={chosen} onChange={(event) => setChosen(event.target.checked)} />Show only what is not added</label>
          ) : null}
        </div>
      ) : null}
      <VerdictList judged={chosen ? judged.filter((one) => one.verdict !== "new") : judged} youtube={youtube} />
    </form>
  );
}

function Summary({ judged, sure, failed, left }: { judged: readonly Judged[]; sure: boolean; failed: boolean; left: number }) {
  const count = (...verdicts: Array<Judged["verdict"]>) => judged.filter((one) => verdicts.includes(one.verdict)).length;
  const parts = [
    [count("new"), "new"],
    [count("already_here"), "already here"],
    [count("repeated"), "repeated"],
    [count("not_an_address"), "not an address"],
    [count("refused"), "refused"],
  ] as const;
  const words = parts.filter(([number]) => number > 0).map(([number, what]) => `${number.toLocaleString("en")} ${what}`);
  return (
    <p className="num" role="status">
      {sure ? words.join(" · ") : failed ? `${plural(judged.length, "line")}` : `Looking at ${plural(judged.length, "line")}`}
      {left > 0 ? <span className="quiet"> · {MOST.toLocaleString("en")} go at once; the other {left.toLocaleString("en")} stay here for the next time</span> : null}
    </p>
  );
}
