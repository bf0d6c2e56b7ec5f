import { Tabs } from "radix-ui";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { followBatch } from "@/features/batches/api/batches";
import { isListOfLinks, linesOfFile } from "@/features/links/api/lines";
import type { Added } from "@/features/links/api/verdicts";
import { LinksForm } from "@/features/links/components/links-form";
import { taker } from "@/features/uploads/api/drops";
import { addAccepted, uploads } from "@/features/uploads/api/queue";
import { DropArea } from "@/features/uploads/components/drop-area";
import { ImageForm } from "@/features/uploads/components/image-form";
import { TextForm } from "@/features/uploads/components/text-form";
import { Store, useStore } from "@/lib/store";
import { useTitle } from "@/lib/title";
import { AddedHere } from "./added-here";

const TABS = [["files", "Files"], ["links", "Links"], ["youtube", "YouTube"], ["image", "Image"], ["text", "Text"]] as const;

const links = new Store("");
const videos = new Store("");

export default function Add() {
  useTitle("Add");
  const [params, setParams] = useSearchParams();
  const tab = TABS.find(([name]) => name === params.get("tab"))?.[0] ?? "files";
  const some = useStore(uploads).length > 0;
  return (
    <>
      <header className="page-head"><h1>Add</h1><p className="quiet">Everything is read, grouped and searchable a moment later.</p></header>
      <Tabs.Root value={tab} onValueChange={(next) => setParams(next === "files" ? {} : { tab: next }, { replace: true })}>
        <Tabs.List className="tabs" aria-label="What to add">
          {TABS.map(([name, label]) => <Tabs.Trigger key={name} value={name}>{label}</Tabs.Trigger>)}
        </Tabs.List>
        <Tabs.Content value="files" tabIndex={-1}><DropArea compact={some} /></Tabs.Content>
        <Tabs.Content value="links" tabIndex={-1}><Links /></Tabs.Content>
        <Tabs.Content value="youtube" tabIndex={-1}><LinksForm youtube draft={videos} onAdded={noteAdded} /></Tabs.Content>
        <Tabs.Content value="image" tabIndex={-1}><ImageForm /></Tabs.Content>
        <Tabs.Content value="text" tabIndex={-1}><TextForm title={params.get("title") ?? ""} /></Tabs.Content>
      </Tabs.Root>
      <AddedHere />
    </>
  );
}

/** The Links tab takes dropped lists of links for itself; every other file is uploaded. */
function Links() {
  useEffect(() => {
    const take = async (files: File[]) => {
      for (const file of files.filter((one) => isListOfLinks(one.name))) {
        const found = linesOfFile(file.name, await file.text());
        links.set((text) => [text.trimEnd(), ...found].filter(Boolean).join("\n"));
      }
      return files.filter((one) => !isListOfLinks(one.name));
    };
    taker.set({ label: "Drop a list of links", take });
    return () => taker.set(null);
  }, []);
  return <LinksForm draft={links} onAdded={noteAdded} />;
}

function noteAdded({ batch, single }: Added): void {
  if (batch) followBatch(batch);
  if (single) addAccepted("link", single.name, 0, single.job, single.duplicateOf);
}
