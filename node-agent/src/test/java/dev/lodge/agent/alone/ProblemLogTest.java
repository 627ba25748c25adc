package dev.lodge.agent.alone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.alone.ProblemLog.News;
import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.FileProblem.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemLogTest {
  private static final FileProblem A = problem("/m/a.yaml", "line 1: no such field");
  private static final FileProblem A2 = problem("/m/a.yaml", "line 7: must be a number");
  private static final FileProblem B = problem("/m/b.yaml", "line 2: two VMs write one disk");

  private final ProblemLog log = new ProblemLog();

  private static FileProblem problem(String file, String message) {
    return new FileProblem(Severity.ERROR, file, message, List.of());
  }

  @Test
  void a_problem_is_told_once_however_often_the_list_changes() {
    assertThat(log.news(List.of(A))).containsExactly(new News.Wrong(A));
    assertThat(log.news(List.of(A))).isEmpty();
    assertThat(log.news(List.of(A, B))).containsExactly(new News.Wrong(B));
  }

  @Test
  void a_file_is_mended_with_its_last_problem() {
    log.news(List.of(A, A2, B));

    assertThat(log.news(List.of(A2, B))).isEmpty();
    assertThat(log.news(List.of(B))).containsExactly(new News.Mended("/m/a.yaml"));
    assertThat(log.news(List.of())).containsExactly(new News.Mended("/m/b.yaml"));
  }

  @Test
  void another_mistake_in_the_same_file_is_told() {
    log.news(List.of(A));

    assertThat(log.news(List.of(A2))).containsExactly(new News.Wrong(A2));
  }

  @Test
  void a_problem_that_comes_back_is_told_again() {
    log.news(List.of(A));
    log.news(List.of());

    assertThat(log.news(List.of(A))).containsExactly(new News.Wrong(A));
  }
}
