package dev.lodge.agent.alone;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.store.FileProblem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Logs what is wrong with manifests: each problem when it turns up, and a word when the last one of
 * a file is mended; not the whole list at every change. One thread only.
 */
final class ProblemLog implements Consumer<List<FileProblem>> {
  private Set<FileProblem> known = new LinkedHashSet<>();

  /** Something to be said. */
  sealed interface News {
    record Wrong(FileProblem problem) implements News {}

    /** Nothing is wrong with this file any more. */
    record Mended(String file) implements News {}
  }

  @Override
  public void accept(List<FileProblem> problems) {
    for (News n : news(problems)) {
      switch (n) {
        case News.Wrong w -> wrong(w.problem());
        case News.Mended m -> Log.info("manifests", "mended", "file", m.file());
      }
    }
  }

  /** What differs from the last time. */
  List<News> news(List<FileProblem> now) {
    List<News> news = new ArrayList<>();
    Set<FileProblem> next = new LinkedHashSet<>(now);
    Set<String> files = new LinkedHashSet<>();
    for (FileProblem p : next) {
      files.add(p.file());
      if (!known.contains(p)) {
        news.add(new News.Wrong(p));
      }
    }
    Set<String> mended = new LinkedHashSet<>();
    known.forEach(p -> mended.add(p.file()));
    mended.removeAll(files);
    mended.forEach(f -> news.add(new News.Mended(f)));
    known = next;
    return news;
  }

  private static void wrong(FileProblem p) {
    switch (p.severity()) {
      case ERROR -> Log.error("manifests", p.message(), "file", p.file());
      case WARNING -> Log.warn("manifests", p.message(), "file", p.file());
    }
  }
}
