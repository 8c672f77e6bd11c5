#include "core/analysis/projection.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace attn {

namespace {

using Doubles = Eigen::MatrixXd;

// The sign of a direction means nothing: it is chosen so that the same words always lie on the same side.
void fix_sign(Doubles& points, Index axis) {
  Index largest = 0;
  points.col(axis).cwiseAbs().maxCoeff(&largest);
  if (points(largest, axis) < 0) points.col(axis) = -points.col(axis);
}

}  // namespace

PlaneProjection project_to_plane(ConstView rows) {
  const Index n = rows.rows(), d = rows.cols();
  PlaneProjection out;
  out.points = Matrix::Zero(n, 2);
  if (n == 0 || d == 0) return out;
  Doubles centred = rows.cast<double>();
  const Eigen::RowVectorXd mean = centred.colwise().mean();
  centred.rowwise() -= mean;
  const double whole = centred.squaredNorm();
  if (!(whole > 0)) return out;

  // The smaller of X Xᵀ and Xᵀ X has the same eigenvalues as the other (singular values squared).
  const bool by_points = n <= d;
  Doubles square(std::min(n, d), std::min(n, d));
  if (by_points)
    square.noalias() = centred * centred.transpose();
  else
    square.noalias() = centred.transpose() * centred;
  const Eigen::SelfAdjointEigenSolver<Doubles> solver(square);  // smallest eigenvalue first
  const Index last = square.rows() - 1;
  double shown = 0;
  Doubles points = Doubles::Zero(n, 2);
  for (Index axis = 0; axis < std::min<Index>(2, square.rows()); ++axis) {
    const double value = std::max(0.0, solver.eigenvalues()(last - axis));
    const Eigen::VectorXd direction = solver.eigenvectors().col(last - axis);
    if (by_points)
      points.col(axis) = direction * std::sqrt(value);
    else
      points.col(axis).noalias() = centred * direction;
    fix_sign(points, axis);
    shown += value;
  }
  out.points = points.cast<float>();
  out.share = static_cast<float>(std::min(1.0, shown / whole));
  return out;
}

Matrix cosine_similarities(ConstView rows) {
  Matrix unit = rows;
  for (Index r = 0; r < unit.rows(); ++r) {
    const float length = unit.row(r).norm();
    if (length > 0) unit.row(r) /= length;
  }
  Matrix out(unit.rows(), unit.rows());
  out.noalias() = unit * unit.transpose();
  return out.cwiseMax(-1.0f).cwiseMin(1.0f);
}

}  // namespace attn
